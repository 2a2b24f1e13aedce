import { join } from 'node:path';
import { readPolicyTests } from '../../governance/policies/policy-tests.js';
import { type Command, EXIT } from '../calling/command.js';
import { EMPTY, POLICY_EXITS, POLICY_FAIL, policyCall, policyFolder, reported, within } from './policy-command.js';

/** `npx weft policy validate`: whether a folder of policies can be used. */
export const policyValidate: Command = {
  usage: `npx weft policy validate FOLDER [--output FORM]

Reads the policies of a folder (*.cedar, schema.cedarschema, tests/*.yaml) and says what is wrong with them, with file, line
and column. Needs no server.

${POLICY_EXITS}`,

  async run(args) {
    const { paths, output } = policyCall(args, ['The folder']);
    const [folder = ''] = paths;
    return reported({ command: 'policy validate', output, onFaults: POLICY_FAIL }, async () => {
      const { texts, set } = await policyFolder(folder);
      const tests = within(folder, () => readPolicyTests(texts.tests, set));
      const results = set.policies.map(({ id, file, line, reason }) => ({
        ...{ rule: id, name: id, status: 'pass' as const, message: reason },
        place: { file: join(folder, file), line, column: 1 },
      }));
      const count = `${set.policies.length} policies and ${tests.length} tests, all of them can be used; digest ${set.digest}.`;
      const policies = set.policies.map(({ text: _text, ...policy }) => policy);
      const report = {
        ...{ command: 'policy validate', results, rules: new Map(set.policies.map(({ id, reason }) => [id, reason])) },
        ...{
          summary: set.policies.length === 0 ? [EMPTY] : [count],
          json: { digest: set.digest, policies, tests: tests.length },
        },
      };
      return { report, exit: EXIT.DONE };
    });
  },
};
