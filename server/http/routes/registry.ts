import { checkpointRoutes } from "../flink/checkpoint-routes.ts";
import { clusterRoutes } from "../flink/cluster-routes.ts";
import { flameGraphRoutes } from "../flink/flame-graph-routes.ts";
import { jobManagerRoutes } from "../flink/job-manager-routes.ts";
import { jobRoutes } from "../flink/job-routes.ts";
import { processRoutes } from "../flink/process-routes.ts";
import { savepointRoutes } from "../flink/savepoint-routes.ts";
import { scriptRoutes } from "../flink/script-routes.ts";
import { vertexRoutes } from "../flink/vertex-routes.ts";
import type { Route } from "../route.ts";
import { jobsByName } from "./jobs.ts";
import { queryRoutes } from "./query.ts";
import { openApiRoute, serverRoutes } from "./server.ts";

/** A group of routes: one line each. */
const answering: readonly Route[] = [
  ...queryRoutes,
  ...jobsByName,
  ...serverRoutes,
  ...clusterRoutes,
  ...processRoutes,
  ...jobManagerRoutes,
  ...jobRoutes,
  ...checkpointRoutes,
  ...savepointRoutes,
  ...vertexRoutes,
  ...flameGraphRoutes,
  ...scriptRoutes,
];

/** Every route of the HTTP door. docs/reference/http.md is written from this list. */
export const routes: readonly Route[] = [...answering, openApiRoute(answering)];
