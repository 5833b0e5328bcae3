export { ConfigurationError, readConfiguration } from './config/read-configuration.js';
export {
  flag,
  serviceConfiguration,
  serviceSettings,
  token,
  wholeNumber,
} from './config/service-settings.js';
export { deliveries, type Delivery, type DeliveryOutcome, type TakeDelivery } from './dapr/deliveries.js';
export { DaprError, type DaprFailure } from './dapr/dapr-error.js';
export { createDaprGateway, type DaprGateway } from './dapr/gateway.js';
export type { Invocation, Invoke, InvokeOptions } from './dapr/invoke.js';
export { inLane, useLane, type Lane } from './dapr/lanes.js';
export type { Publication, Publish } from './dapr/publish.js';
export { createStateStore, stateDeadlineMs, type CreateOutcome, type StateStore } from './dapr/state.js';
export { AppError, type InputProblem } from './errors/app-error.js';
export { toError } from './errors/to-error.js';
export type { HealthCheck } from './health/health-checks.js';
export { managementRoutes } from './health/management-routes.js';
export { createMonitoring, type ReadActivity } from './health/monitoring.js';
export { challenge, readBearer } from './http/bearer.js';
export { onceLeft } from './http/admission.js';
export { clientSignal } from './http/client-signal.js';
export { eventStreamHeaders, openEventStream, type EventStream } from './http/event-stream.js';
export { serveApp } from './http/serve-app.js';
export { logRequestError } from './http/log-request-error.js';
export { methodNotAllowed } from './http/method-not-allowed.js';
export { openApiDocument, type ApiDescription } from './http/openapi.js';
export { parsePath } from './http/parse-request.js';
export { notFound, problemHandler } from './http/problem-details.js';
export { toAppError } from './http/request-error.js';
export { receiveBody } from './http/receive-body.js';
export { requestId, requestIdOf } from './http/request-id.js';
export {
  callerOf,
  requireCaller,
  sidecarCheck,
  tokenCheck,
  type Caller,
  type CallerTokens,
} from './http/require-caller.js';
export { requestLog } from './http/request-log.js';
export {
  createApiRouter,
  route,
  type ApiHandler,
  type ApiOperation,
  type ApiRequest,
  type ApiRouter,
} from './http/route.js';
export { streamText } from './http/stream-text.js';
export { jsonStringsIn, readForeignJson } from './json/foreign-json.js';
export { withProgress } from './http/with-progress.js';
export { Lifecycle } from './lifecycle/lifecycle.js';
export { runService } from './lifecycle/run-service.js';
export {
  openService,
  startService,
  type AppMonitoring,
  type Platform,
  type Service,
  type ServiceConfiguration,
} from './lifecycle/start-service.js';
export { createLogger, type Logger } from './logs/logger.js';
export { httpMeter, httpMetrics } from './metrics/http-metrics.js';
export { RecentMap } from './memory/recent-map.js';
export type { ActivityMetrics } from './metrics/recent-activity.js';
export { nameSpan } from './telemetry/name-span.js';
