import type { TestProject } from 'vitest/node';
import { setUp } from './global-setup.js';

/** As for `npm test`, for a run that is over before optimising what Java runs would pay. */
export default (project: TestProject): Promise<() => Promise<void>> => setUp(project, { shortly: true });
