# Both services: SERVICE says which (storefront or purchase-service). `npm run build:images` builds them as a release does.
#
# No stage that is run depends on the processor, and what is shipped is only copied together: an image for another processor
# needs no emulation.

# Where Node comes from: for the image's processor.
FROM docker.io/library/node:24.21.0-bookworm-slim AS node

FROM --platform=$BUILDPLATFORM docker.io/library/node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
COPY packages/contracts/package.json packages/contracts/
COPY packages/service-kit/package.json packages/service-kit/
COPY purchase-service/package.json purchase-service/
COPY storefront/package.json storefront/

# The compiled services. The secret is for those whose packages come from a registry of their own; none is needed, and no layer
# keeps it.
FROM packages AS build
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm ci --include-workspace-root --workspace=packages/contracts --workspace=packages/service-kit --workspace=purchase-service --workspace=storefront
COPY . .
RUN npx tsc -b purchase-service/tsconfig.build.json storefront/tsconfig.build.json

# What the one service needs of other people's packages, without what only compilers, debuggers and shells read.
FROM packages AS dependencies
ARG SERVICE
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm ci --omit=dev --workspace="$SERVICE" \
    && find . \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -path '*/node_modules/.*' \) -delete \
    && rm -r node_modules/@unity-purchase \
    && chmod -R u=rwX,go=rX node_modules

# Our own part, as it is laid out in the image. Modes depend on who checked the sources out.
FROM build AS application
ARG SERVICE
RUN mkdir -p /image/node_modules/@unity-purchase \
    && for name in packages/contracts packages/service-kit "$SERVICE"; do \
         mkdir -p "/image/$name" && cp -r "$name/package.json" "$name/dist" "/image/$name" || exit 1; \
       done \
    && ln -s ../../packages/contracts ../../packages/service-kit /image/node_modules/@unity-purchase \
    && for part in views public catalogue.json; do \
         if [ -e "$SERVICE/$part" ]; then cp -r "$SERVICE/$part" "/image/$SERVICE" || exit 1; fi; \
       done \
    && mv "/image/$SERVICE" /image/service \
    && find /image \( -name '*.map' -o -name '*.d.ts' -o -name '.tsbuildinfo' \) -delete \
    && chmod -R u=rwX,go=rX /image

# Libraries, certificates and time zones: neither a shell nor a package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=dependencies /app/node_modules /app/node_modules
COPY --from=application /image /app
WORKDIR /app
ENV NODE_ENV=production
# By number: Kubernetes cannot tell by a name that somebody is not root.
USER 65532:65532
# Node itself is the first process: a signal reaches the service, which stops in order. There is no HEALTHCHECK: whoever runs the
# image asks /health/live and /health/ready, and a check from inside would start a second Node every time.
ENTRYPOINT ["/usr/local/bin/node", "/app/service/dist/main.js"]
ARG SERVICE
ARG VERSION
ARG REVISION
ARG CREATED
LABEL org.opencontainers.image.title="$SERVICE" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.source="https://github.com/unity-purchase/unity-purchase-system" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="gcr.io/distroless/cc-debian12:nonroot"
