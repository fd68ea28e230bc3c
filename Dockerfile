# A Corral server. Everything it keeps is in /data:
#   docker build -t corral . && docker run --init --read-only --tmpfs /tmp -v corral:/data -p 127.0.0.1:4141:4141 corral
# It listens on all addresses of its container, so it wants a key first:
#   docker run --rm -v corral:/data corral keys create ann --scope admin --data-dir /data
FROM node:24-bookworm-slim AS build
WORKDIR /corral
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends bubblewrap tini && rm -rf /var/lib/apt/lists/* \
  && mkdir /data && chown node:node /data
WORKDIR /corral
COPY --from=build /corral/package.json ./
COPY --from=build /corral/bin ./bin
COPY --from=build /corral/dist ./dist
COPY --from=build /corral/patterns ./patterns
COPY --from=build /corral/schemas ./schemas
COPY --from=build /corral/node_modules ./node_modules
USER node
VOLUME /data
EXPOSE 4141
HEALTHCHECK --interval=30s --timeout=5s CMD ["node", "-e", "fetch('http://127.0.0.1:4141/livez').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--", "node", "bin/corral.js"]
CMD ["serve", "--listen", "0.0.0.0", "--data-dir", "/data", "--no-control", "--no-config"]
