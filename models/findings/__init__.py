"""Published findings about LSTM and GRU, each as an experiment that anybody can repeat: one file a finding."""
