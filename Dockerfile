FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# What the PDFs need; the same list as in bin/launcher/machine.py (tested).
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --system --uid 10001 --home-dir /srv/mingcha --create-home mingcha \
    && install -d -o mingcha -g mingcha /srv/mingcha/store /srv/mingcha/beat /srv/mingcha/static

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt

COPY . .
ENV STATIC_ROOT=/srv/mingcha/static
# Neither database nor broker is asked here; the addresses only have to be there.
RUN SECRET_KEY=build DATABASE_URL=postgres://none@127.0.0.1/none REDIS_URL=redis://127.0.0.1/0 \
    python manage.py collectstatic --noinput --ignore rest_framework -v 0 \
    && python -m compileall -q .

USER mingcha
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
