import { describeLauncher } from '../../support/launcher-suite.js';
import { SlurmWorkshop } from '../../support/slurm-workshop.js';

describeLauncher('slurm', async () => {
  const workshop = await SlurmWorkshop.open();
  return {
    launcher: workshop.launcher('rest'),
    another: () => workshop.launcher('rest'),
    tooManyGpus: 9,
    close: () => workshop.close(),
  };
});
