import { writeSettingsTable } from './settings-table.js';

await writeSettingsTable();
