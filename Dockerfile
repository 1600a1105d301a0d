# Production image: the site, its worker and its scheduler, one command each. No embedded servers.
FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements/base.txt requirements/
RUN /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/base.txt
COPY . .
# The key is for this step only; a running container must be given its own.
RUN /venv/bin/python -c "from pathlib import Path; from pmoportal.translations import compile_translations as c; c(Path('locale'))" \
    && SECRET_KEY=only-while-the-image-is-built VAR_DIR=/app/var \
       /venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin app && install -d -o app /permit
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/app/var
USER app
EXPOSE 8000
CMD ["gunicorn", "pmoportal.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
