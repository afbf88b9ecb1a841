// Reads C-CDA documents by @medplum/ccda, as FHIR: prints {file: {"Observation laboratory": 12, ...}}.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { convertXmlToCcda, convertCcdaToFhir } = createRequire(`${process.argv[2]}/x.js`)('@medplum/ccda');
const counts = {};
for (const path of process.argv.slice(3)) {
  const bundle = convertCcdaToFhir(convertXmlToCcda(readFileSync(path, 'utf8')));
  const kinds = (counts[path] = {});
  for (const { resource } of bundle.entry) {
    // an observation of observations is an organizer
    const group = resource.hasMember ? ' organizer' : '';
    const category = resource.category?.[0]?.coding?.[0]?.code ?? '';
    const kind = `${resource.resourceType} ${category}${group}`.trim();
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
}
console.log(JSON.stringify(counts));
