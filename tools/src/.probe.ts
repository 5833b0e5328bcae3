import { obtainGoPrograms } from '/tmp/h7/tools/src/runtime/go-programs.ts';
console.log(
  await obtainGoPrograms({
    name: 'registry',
    module: 'github.com/distribution/distribution/v3',
    version: 'v3.1.2',
    packages: { registry: 'github.com/distribution/distribution/v3/cmd/registry' },
    takes: 'x',
  }),
);
console.log(
  await obtainGoPrograms({
    name: 'actionlint',
    module: 'github.com/rhysd/actionlint',
    version: 'v1.7.12',
    packages: { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' },
    takes: 'x',
  }),
);
