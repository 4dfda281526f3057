# See docs/deployment.md for how to run it.
FROM python:3.11-slim
RUN useradd --create-home gatescope
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
RUN mkdir -p /data static && chown gatescope /data static
USER gatescope
ENV GATESCOPE_DATA_DIR=/data NUMBA_CACHE_DIR=/data/kernels
VOLUME /data
EXPOSE 8501
HEALTHCHECK CMD python -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health')"
CMD ["streamlit", "run", "streamlit_app.py", "--server.headless=true", "--server.address=0.0.0.0"]
