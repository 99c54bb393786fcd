# Three images of one build, for amd64 and arm64: `--target api`, `worker` and `ops`.

# Runs on the machine that builds, whatever the images are for: nothing is compiled, and pnpm fetches the binaries of the other CPU.
FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS build
# A registry near you: --build-arg NPM_REGISTRY=…
ARG NPM_REGISTRY=https://registry.npmjs.org/
ENV CI=true npm_config_registry=$NPM_REGISTRY pnpm_config_registry=$NPM_REGISTRY
WORKDIR /src
# The lockfile alone decides what is fetched, so that a change of the sources does not fetch again.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
RUN --mount=type=cache,id=npm,target=/root/.npm --mount=type=cache,id=pnpm,target=/pnpm-store \
    npx --yes pnpm@12.21.0 fetch --store-dir /pnpm-store
COPY . .
RUN --mount=type=cache,id=npm,target=/root/.npm --mount=type=cache,id=pnpm,target=/pnpm-store \
    npx --yes pnpm@12.21.0 install --frozen-lockfile --prefer-offline --store-dir /pnpm-store \
    && node_modules/.bin/tsc -b \
    && npx --yes pnpm@12.21.0 --filter @pixdock/console build
ARG TARGETARCH
RUN --mount=type=cache,id=npm,target=/root/.npm --mount=type=cache,id=pnpm,target=/pnpm-store \
    for app in api worker ops telemetry; do \
         npx --yes pnpm@12.21.0 --filter "@pixdock/$app" --prod --cpu="$(echo "$TARGETARCH" | sed s/amd64/x64/)" --prefer-offline --store-dir /pnpm-store \
           deploy "/out/$app" || exit 1; \
       done

FROM node:24-trixie-slim AS runtime
ARG VERSION REVISION SOURCE
LABEL org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE"
# Threads sync files to disk: with Node's four of them, one image would wait for many others.
ENV NODE_ENV=production DATA_DIR=/data UV_THREADPOOL_SIZE=16
# A new volume takes this folder's owner.
RUN install -d -o node -g node -m 0700 /data
VOLUME /data

FROM runtime AS api
LABEL org.opencontainers.image.title="pixdock-api" org.opencontainers.image.description="Accepts images over HTTP for Alibaba Cloud OSS"
ENV HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY --from=build /out/api ./
# Loaded only by `--import`; see docs/monitoring.md.
COPY --from=build /out/telemetry /telemetry
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Keeps memory flat while bodies pass: newer V8s would let their garbage grow to 100 MiB, and without helper threads they mark in steps for so long that the garbage of these steps stays. A thread that compiles could keep Node from exiting (nodejs/node#54918).
CMD ["node", "--max-semi-space-size=2", "--single-threaded", "--no-incremental-marking", "--heap-growing-percent=30", "dist/main.js"]

# Starts as root, so that each decoder can be given a user of its own. It needs no more than these capabilities: CHOWN,
# DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID. Run as `node` it works too, with decoders under the same user.
FROM runtime AS worker
LABEL org.opencontainers.image.title="pixdock-worker" org.opencontainers.image.description="Validates and normalizes images and publishes them in Alibaba Cloud OSS"
# The health check asks for the metrics. An empty port turns both off.
ENV HOST=0.0.0.0 WORKER_METRICS_PORT=9465
WORKDIR /app
COPY --from=build /out/worker ./
COPY --from=build /out/telemetry /telemetry
EXPOSE 9465
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "const port = process.env.WORKER_METRICS_PORT; if (port) fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=2", "--single-threaded", "--no-incremental-marking", "--heap-growing-percent=30", "dist/main.js"]

FROM runtime AS ops
LABEL org.opencontainers.image.title="pixdock-ops" org.opencontainers.image.description="Checks, repairs and backs up an installation of Pixdock"
WORKDIR /app
COPY --from=build /out/ops ./
USER node
ENTRYPOINT ["node", "dist/main.js"]
CMD ["--help"]
