# The testbed in a container: docs/containers.md. Never for production trust.
FROM rust:1-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential cmake \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN cargo build --release --locked --bin eseal && cp target/release/eseal /eseal

FROM debian:bookworm-slim
RUN useradd --uid 10001 --create-home --home-dir /data eseal
COPY --from=build /eseal /usr/local/bin/eseal
USER eseal
WORKDIR /data
ENV ESEAL_DATA=/data/eseal-data
VOLUME /data
EXPOSE 8700
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s CMD ["eseal", "status"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["eseal"]
CMD ["up", "--listen", "0.0.0.0:8700", "--expose"]
