/**
 * The official client with what it leaves to its user: a time limit, the kind of patch, and errors that say what to do. It is
 * large, so it is loaded with the first request: who has no cluster does not pay for it.
 */
import type { BatchV1Api, CoreV1Api, KubeConfig, RequestContext, ResponseContext } from '@kubernetes/client-node';
import { z } from 'zod';
import { messageOf } from './errno.js';
import { LauncherUnreachable } from './launcher.js';
import type { KubernetesSettings } from './kubernetes-settings.js';

export interface KubernetesApis {
  batch: BatchV1Api;
  core: CoreV1Api;
}

/** The cluster refused the request itself. Where nobody expects that, it tells no state either. */
export class KubernetesRefusal extends LauncherUnreachable {
  constructor(
    readonly status: number,
    /** "AlreadyExists" and the like; "" when it gave none. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

const CREDENTIALS_ADVICE = 'Check the token or certificate of the kubeconfig, or the service account of Weftline.';
const RIGHTS_ADVICE = 'Give its account the rights that docs/launchers/kubernetes.md lists, or free the quota.';

export class KubernetesClient {
  private apis: Promise<KubernetesApis> | null = null;

  constructor(private readonly settings: KubernetesSettings) {}

  /** Throws `KubernetesRefusal` for 400, 404, 409 and 422, and `LauncherUnreachable` where the answer does not tell. */
  async ask<T>(question: (apis: KubernetesApis) => Promise<T>): Promise<T> {
    const apis = await this.open();
    try {
      return await question(apis);
    } catch (error) {
      throw this.explained(error);
    }
  }

  private async open(): Promise<KubernetesApis> {
    this.apis ??= connect(this.settings);
    try {
      return await this.apis;
    } catch (error) {
      // The file may be put right while we run.
      this.apis = null;
      const source = this.settings.kubeconfig ?? 'the service account of this pod';
      throw new LauncherUnreachable(`The cluster cannot be reached by ${source}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** The error of the client itself is not passed on: it prints headers and bodies. */
  private explained(error: unknown): Error {
    const status = statusOf(error);
    if (status === null) {
      if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) {
        const { requestTimeoutSeconds } = this.settings;
        return new LauncherUnreachable(`The Kubernetes API did not answer within ${requestTimeoutSeconds} s.`);
      }
      return new LauncherUnreachable(`The Kubernetes API cannot be reached: ${messageOf(error)}`);
    }
    const { code, reason, message } = status;
    if (code === 401)
      return new LauncherUnreachable(`The Kubernetes API does not know us (401). ${CREDENTIALS_ADVICE}`);
    if (code === 403) return new LauncherUnreachable(`The Kubernetes API refuses (403): ${message}. ${RIGHTS_ADVICE}`);
    if ([400, 404, 409, 422].includes(code)) return new KubernetesRefusal(code, reason, message);
    return new LauncherUnreachable(
      `The Kubernetes API answered ${code}: ${message}. Nothing is lost; it is asked again.`,
    );
  }
}

async function connect(settings: KubernetesSettings): Promise<KubernetesApis> {
  const kubernetes = await import('@kubernetes/client-node');
  const config = new kubernetes.KubeConfig();
  load(config, settings);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('It names no cluster for the context in use.');
  const configuration = kubernetes.createConfiguration({
    baseServer: new kubernetes.ServerConfiguration(cluster.server, {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        pre: async (request: RequestContext) => {
          request.setSignal(AbortSignal.timeout(settings.requestTimeoutSeconds * 1000));
          // Of the kinds of patch the client would choose the one that lists operations.
          if (request.getHttpMethod() === kubernetes.HttpMethod.PATCH) {
            request.setHeaderParam('Content-Type', kubernetes.PatchStrategy.MergePatch);
          }
          return await Promise.resolve(request);
        },
        post: async (response: ResponseContext) => await Promise.resolve(response),
      },
    ],
  });
  return { batch: new kubernetes.BatchV1Api(configuration), core: new kubernetes.CoreV1Api(configuration) };
}

function load(config: KubeConfig, { kubeconfig, context }: KubernetesSettings): void {
  if (kubeconfig === null) config.loadFromCluster();
  else config.loadFromFile(kubeconfig);
  if (context === null) return;
  const known = config.getContexts().map(({ name }) => name);
  if (!known.includes(context)) {
    throw new Error(`It has no context "${context}"; it has: ${known.join(', ')}.`);
  }
  config.setCurrentContext(context);
}

const statusBody = z.object({ message: z.string().default(''), reason: z.string().default('') });

/** What the API server says of a request it refused; null when the error is of another kind. */
function statusOf(error: unknown): { code: number; message: string; reason: string } | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return null;
  const body = 'body' in error ? error.body : undefined;
  const parsed = statusBody.safeParse(typeof body === 'string' ? jsonOf(body) : body);
  const told = parsed.success ? parsed.data : { message: 'it says no more', reason: '' };
  return { code: error.code, ...told };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
