import { z } from 'zod';

const port = z.int().min(1).max(65_535);

/** YAML reads an unquoted 8080 as a number, but environment variables are text. */
const environment = z.record(z.string(), z.union([z.string(), z.number().transform(String)]));

/** Keys, with Dapr's names, of `common` and of an app. The app's value wins. */
const shared = {
  configFilePath: z.string().optional(),
  resourcesPaths: z.array(z.string()).optional(),
  placementHostAddress: z.string().optional(),
  schedulerHostAddress: z.string().optional(),
  enableAppHealthCheck: z.boolean().optional(),
  appHealthCheckPath: z.string().startsWith('/').optional(),
  /** Seconds. */
  appHealthProbeInterval: z.int().positive().optional(),
  /** Milliseconds. */
  appHealthProbeTimeout: z.int().positive().optional(),
  appHealthThreshold: z.int().positive().optional(),
  env: environment.optional(),
};

/**
 * The part of Dapr's run file that this system uses. It is strict, because the Dapr CLI silently ignores a misspelt key and
 * uses a default.
 */
export const runFileSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().optional(),
  common: z.strictObject(shared).default({}),
  apps: z
    .array(
      z.strictObject({
        ...shared,
        appID: z.string().min(1),
        appDirPath: z.string(),
        appPort: port,
        daprHTTPPort: port,
        daprGRPCPort: port,
        metricsPort: port,
        command: z.array(z.string()).min(1),
      }),
    )
    .min(1),
});

export type RunFileContent = z.infer<typeof runFileSchema>;
