/**
 * A real Ray head with two made-up GPUs, for one test file. Ray listens on every address of the machine whatever it is told,
 * so it gets a network namespace that has nothing but a loopback; a relay on a Unix socket is the way in. It gets a
 * process namespace as well: all of its many processes, and none else, end with the first one, which ends when
 * its standard input does. So a test run that is killed leaves nothing behind.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const RAY_GPUS = 2;

const INSTALL = fileURLToPath(new URL('../../.ci/install-ray', import.meta.url));
const STARTS_WITHIN_MS = 240_000;

/** What runs in the namespaces: the loopback is brought up by Python because a bare Debian has no `ip`. */
const INSIDE = `
"$RAY/bin/python" -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 0x49))' || exit 1
{ "$RAY/bin/ray" start --head --block --node-ip-address=127.0.0.1 --port=26379 --num-gpus=${RAY_GPUS} --num-cpus=32 \\
  --memory=8000000000 --object-store-memory=80000000 --min-worker-port=27000 --max-worker-port=27200 --temp-dir="$HOME" \\
  --include-dashboard=true --dashboard-host=127.0.0.1 --dashboard-port=28265 --dashboard-agent-listen-port=28266 \\
  --disable-usage-stats --no-monitor >"$HOME/head.log" 2>&1 </dev/null
  echo 'Ray ended by itself:' >&2; tail -c 3000 "$HOME/head.log" >&2; } &
"$NODE" -e 'const { connect, createServer } = require("node:net");
createServer((near) => {
  const far = connect(28265, "127.0.0.1");
  for (const [one, other] of [[near, far], [far, near]]) one.on("error", () => other.destroy()).pipe(other);
}).listen(process.env.HOME + "/ray.sock")' </dev/null &
cat >/dev/null
`;

export class RayCluster {
  private constructor(
    /** Of the dashboard: "http://127.0.0.1:<port>". */
    readonly address: string,
    private readonly home: string,
    private readonly first: ChildProcess,
    private readonly relay: Server,
  ) {}

  /** `environment` goes to the head: RAY_AUTH_MODE, RAY_JOB_START_TIMEOUT_SECONDS and the like. */
  static async start(environment: Record<string, string> = {}): Promise<RayCluster> {
    const { stdout } = await promisify(execFile)(INSTALL, { encoding: 'utf8' });
    const home = await mkdtemp(join(tmpdir(), 'weftline-ray-'));
    const first = spawn('unshare', [...namespaces(), 'sh', '-c', INSIDE], {
      env: {
        PATH: process.env['PATH'],
        ...QUIET,
        ...PATIENT,
        ...environment,
        RAY: stdout.trim(),
        NODE: process.execPath,
        HOME: home,
      },
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    const relay = createServer((near) => {
      const far = connect(join(home, 'ray.sock'));
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const)
        one.on('error', () => other.destroy()).pipe(other);
    });
    await once(relay.listen(0, '127.0.0.1'), 'listening');
    const address = `http://127.0.0.1:${(relay.address() as AddressInfo).port}`;
    const cluster = new RayCluster(address, home, first, relay);
    try {
      await cluster.untilReady();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.first.exitCode === null && this.first.signalCode === null) {
      const ended = once(this.first, 'exit');
      this.first.stdin?.end();
      await ended;
    }
    this.relay.close();
    await rm(this.home, { recursive: true, force: true });
  }

  /** Ready is a head that can name its node: the version alone is answered a second earlier. */
  private async untilReady(): Promise<void> {
    const patience = Date.now() + STARTS_WITHIN_MS;
    for (;;) {
      const answer = await this.askNodes();
      if (answer.includes('"ALIVE"')) return;
      if (this.first.exitCode !== null || Date.now() > patience) {
        const log = await readFile(join(this.home, 'head.log'), 'utf8').catch(() => 'no log');
        throw new Error(`Ray did not start: ${log.slice(-4000)}`);
      }
      await delay(100);
    }
  }

  private async askNodes(): Promise<string> {
    try {
      // One that comes too early is never answered.
      const answer = await fetch(`${this.address}/api/v0/nodes`, { signal: AbortSignal.timeout(2000) });
      return await answer.text();
    } catch {
      return '';
    }
  }
}

/** What a head does by itself that no test needs: workers started ahead, metrics, reports of use. */
const QUIET = {
  RAY_USAGE_STATS_ENABLED: '0',
  RAY_prestart_worker_first_driver: '0',
  RAY_enable_worker_prestart: '0',
  RAY_enable_metrics_collection: '0',
  RAY_DISABLE_DOCKER_CPU_WARNING: '1',
};

/** On a busy machine a head takes its own slow parts for dead, and ends. */
const PATIENT = {
  RAY_agent_register_timeout_ms: '300000',
  RAY_raylet_start_wait_time_s: '240',
  RAY_worker_register_timeout_seconds: '240',
  RAY_health_check_initial_delay_ms: '60000',
  RAY_health_check_timeout_ms: '60000',
  RAY_health_check_failure_threshold: '20',
};

function namespaces(): string[] {
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  return [...user, '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
}
