"""Tasks with a planted cause, and null tasks, by real training: does "Why did it win?" name the cause?"""
