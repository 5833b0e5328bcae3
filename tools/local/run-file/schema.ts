import { z } from 'zod';

const port = z.int().min(1).max(65_535);

/** YAML reads an unquoted 8080 as a number; the environment knows only text. */
const environment = z.record(z.string(), z.union([z.string(), z.number().transform(String)]));

/** What may stand under `common` and under an app, where the app's wins. Dapr's names. */
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
 * The part of Dapr's run file that this system uses. Strict, because the Dapr CLI ignores a misspelt key without a word
 * and runs with a default in its place.
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
