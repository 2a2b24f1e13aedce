/**
 * The official client with what it leaves to its user: a time limit, the kind of patch, and errors that say what to do. It is
 * large, so it is loaded with the first request: who has no cluster does not pay for it.
 */
import type { BatchV1Api, CoreV1Api, KubeConfig, RequestContext, ResponseContext } from '@kubernetes/client-node';
import { messageOf } from '../machine/errno.js';
import { KubernetesRefusal, statusOf } from './refusal.js';
import { LauncherUnreachable } from '../port/launcher.js';
import type { KubernetesSettings } from './settings.js';

export interface KubernetesApis {
  batch: BatchV1Api;
  core: CoreV1Api;
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
      // A parser goes on to show the lines around what it stumbled over, and a kubeconfig holds credentials.
      const [words = ''] = messageOf(error).split('\n', 1);
      throw new LauncherUnreachable(`The cluster cannot be reached by ${source}: ${words}`);
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
    const { code, reason, message, subject } = status;
    if (code === 401) {
      // Tokens are changed; the kubeconfig is read anew.
      this.apis = null;
      return new LauncherUnreachable(`The Kubernetes API does not know us (401). ${CREDENTIALS_ADVICE}`);
    }
    if (code === 403) return new LauncherUnreachable(`The Kubernetes API refuses (403): ${message}. ${RIGHTS_ADVICE}`);
    // Without a reason it comes from something in between: the 404 of a proxy says nothing of a job.
    if (reason !== '' && [400, 404, 409, 422].includes(code)) {
      return new KubernetesRefusal(code, reason, message, subject);
    }
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
