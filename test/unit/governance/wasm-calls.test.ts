/** A call into the policy engine must not end the process, whatever V8 has made of the function that calls. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** A module whose function `g` calls back and answers a null reference, and a caller that is deoptimised during the call. */
const DEOPTIMISED = `
const types = [2, 0x60, 0, 0, 0x60, 1, 0x7f, 1, 0x6f];
const body = [0, 0x10, 0, 0xd0, 0x6f, 0x0b];
const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, types.length, ...types, 2, 7, 1, 1, 0x6d, 1, 0x66, 0, 0,
  3, 2, 1, 1, 7, 5, 1, 1, 0x67, 0, 1, 0x0a, body.length + 2, 1, body.length, ...body]);
let back = () => {};
const { g } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { f: () => back() } }).exports;
const caller = (n) => [g(n), n];
for (let i = 0; i < 400000; i++) caller(i);
%OptimizeFunctionOnNextCall(caller);
caller(1);
let times = 0;
back = () => { if (times++ === 0) %DeoptimizeFunction(caller); };
process.stdout.write(JSON.stringify(caller(5)));
`;

it('calls of WebAssembly are not inlined once the engine is loaded, which ends a process of Node 20', () => {
  const cedar = join(import.meta.dirname, '../../../src/governance/policies/cedar.ts');
  const program = `await import(${JSON.stringify(cedar)}); (0, eval)(${JSON.stringify(DEOPTIMISED)});`;
  const args = ['--import', 'tsx', '--allow-natives-syntax', '--input-type=module', '--eval', program];
  const { stdout, stderr, signal } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ stdout, signal }, stderr).toEqual({ stdout: '[null,5]', signal: null });
});
