# The API alone: its Neo4j runs in a container of its own (compose.yaml). Neither Java nor Python is within.
FROM node:22-bookworm-slim AS build
WORKDIR /weftline
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN node node_modules/typescript/bin/tsc -p tsconfig.build.json \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:22-bookworm-slim
ENV NODE_ENV=production WEFTLINE_HOST=0.0.0.0 WEFTLINE_HOME=/var/lib/weftline
WORKDIR /weftline
COPY LICENSE NOTICE package.json ./
COPY --from=build /weftline/node_modules node_modules
COPY --from=build /weftline/dist dist
COPY migrations migrations
COPY policies policies
COPY schema schema
COPY web web
# The administrator's token is kept here; a named volume takes over this owner.
RUN mkdir --mode=700 /var/lib/weftline && chown node:node /var/lib/weftline
USER node
VOLUME /var/lib/weftline
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:4000/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
