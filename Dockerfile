# Builds both services; SERVICE is storefront or purchase-service. `npm run build:images` builds them as a release does.
#
# No stage that runs commands depends on the target processor, and the last stage only copies. So an image for another
# processor needs no emulation.

# The source of Node for the image's processor.
FROM docker.io/library/node:24.21.0-bookworm-slim AS node

FROM --platform=$BUILDPLATFORM docker.io/library/node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
COPY packages/contracts/package.json packages/contracts/
COPY packages/service-kit/package.json packages/service-kit/
COPY packages/numbered-log/package.json packages/numbered-log/
COPY purchase-service/package.json purchase-service/
COPY storefront/package.json storefront/

# The compiled services. The secret is for a private package registry. It is optional, and no layer keeps it.
FROM packages AS build
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm ci --include-workspace-root --workspace=packages/contracts --workspace=packages/service-kit --workspace=packages/numbered-log --workspace=purchase-service --workspace=storefront
COPY . .
RUN npx tsc -b purchase-service/tsconfig.build.json storefront/tsconfig.build.json

# The npm packages this service needs, without the files that only compilers, debuggers and shells read.
FROM packages AS dependencies
ARG SERVICE
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm ci --omit=dev --workspace="$SERVICE" \
    && find . \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -path '*/node_modules/.*' \) -delete \
    && rm -r node_modules/@unity-purchase \
    && chmod -R u=rwX,go=rX node_modules

# Our own code, in the layout of the image. File modes are set here because they depend on the checkout.
FROM build AS application
ARG SERVICE
RUN mkdir -p /image/node_modules/@unity-purchase \
    && for name in packages/contracts packages/service-kit packages/numbered-log "$SERVICE"; do \
         mkdir -p "/image/$name" && cp -r "$name/package.json" "$name/dist" "/image/$name" || exit 1; \
       done \
    && ln -s ../../packages/contracts ../../packages/service-kit ../../packages/numbered-log /image/node_modules/@unity-purchase \
    && for part in views public catalogue.json; do \
         if [ -e "$SERVICE/$part" ]; then cp -r "$SERVICE/$part" "/image/$SERVICE" || exit 1; fi; \
       done \
    && mv "/image/$SERVICE" /image/service \
    && find /image \( -name '*.map' -o -name '*.d.ts' -o -name '.tsbuildinfo' \) -delete \
    && chmod -R u=rwX,go=rX /image

# Libraries, certificates and time zones, without a shell or a package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=dependencies /app/node_modules /app/node_modules
COPY --from=application /image /app
WORKDIR /app
ENV NODE_ENV=production
# A number, because Kubernetes cannot verify from a name that the user is not root.
USER 65532:65532
# Node is the first process, so a signal reaches the service, which stops in order. There is no HEALTHCHECK: the
# platform calls /health/live and /health/ready, and a check from inside would start a second Node every time.
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
