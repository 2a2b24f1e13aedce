import { describe, expect, it } from 'vitest';
import { DataFolders, toDataFolders } from '../../src/disk/data-folders.js';

describe('folders for data', () => {
  it('are read as they are written, each for all or for one namespace', () => {
    expect(toDataFolders('/data/shared/, payments=/data/a=b/../pay ,file://host=/x')).toEqual([
      { path: '/data/shared', namespace: null },
      { path: '/data/pay', namespace: 'payments' },
      { path: '/x', namespace: 'file://host' },
    ]);
  });

  it.each(['', 'data', '/', '/data,', 'payments=', 'payments=data', '=/data', '/data,../x', '/data/..'])(
    'are refused where one is no absolute path, or is all there is: %j',
    (text) => {
      expect(toDataFolders(text)).toBeNull();
    },
  );

  it('are for whom the innermost is, and never hold what is the server’s', () => {
    const folders = toDataFolders('/data,pay=/data/pay,risk=/data/pay,/data/pay/open') ?? [];
    const open = new DataFolders(folders, ['/data/home']);
    const who = (path: string): string[] =>
      ['pay', 'risk', 'other'].filter((namespace) => open.mayName(path, namespace));
    expect(who('/data/x')).toEqual(['pay', 'risk', 'other']);
    expect(who('/data')).toEqual(['pay', 'risk', 'other']);
    expect(who('/data/pay/x')).toEqual(['pay', 'risk']);
    expect(who('/data/pay/open/x')).toEqual(['pay', 'risk', 'other']);
    expect(who('/data/payments')).toEqual(['pay', 'risk', 'other']);
    for (const path of ['/data/home', '/data/home/admin-token', '/datax', '/', '/etc/passwd'])
      expect(who(path)).toEqual([]);
  });
});
