# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
WORKDIR /src
# dependencies first: they change less often than the code, so this layer is kept
COPY requirements.lock ./
RUN /opt/venv/bin/pip install --require-hashes -r requirements.lock
# the command; the code itself is read from PYTHONPATH, so a change of it builds nothing anew
RUN printf '#!/opt/venv/bin/python\nfrom app.cli import app\n\napp(prog_name="sira")\n' \
        > /opt/venv/bin/sira && chmod 755 /opt/venv/bin/sira


FROM python:3.11-slim
LABEL org.opencontainers.image.title="Sira" \
      org.opencontainers.image.description="Early warning for the roads of the Sahel"
RUN useradd --system --uid 10001 --home-dir /srv/sira --shell /usr/sbin/nologin sira \
    && mkdir -p /srv/sira/var && chown sira:sira /srv/sira/var
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/sira
COPY alembic.ini pyproject.toml ./
COPY config config
COPY migrations migrations
COPY app app
# nothing can be written here later: compiled once, not at every start
RUN /opt/venv/bin/python -m compileall -q app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/srv/sira \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001
VOLUME /srv/sira/var
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["sira"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
