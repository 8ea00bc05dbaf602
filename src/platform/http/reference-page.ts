import type { OpenApiDocument } from './openapi.ts';

type Json = Readonly<Record<string, unknown>>;

const asObject = (value: unknown): Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {};
const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Escapes text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The reference as one page of HTML without any script, made from the document. */
export function referencePage(document: OpenApiDocument): string {
  const info = asObject(document.info);
  const groups = new Map<string, string[]>();
  for (const [path, item] of Object.entries(asObject(document.paths))) {
    for (const [method, value] of Object.entries(asObject(item))) {
      const operation = asObject(value);
      const tag = asText(asArray(operation.tags)[0]) || 'other';
      groups.set(tag, [...(groups.get(tag) ?? []), operationHtml(method, path, operation)]);
    }
  }
  const schemas = Object.entries(asObject(asObject(document.components).schemas));
  const nav = [...groups.keys(), 'schemas'].map(
    (tag) => `<a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a>`,
  );
  const sections = [...groups].map(
    ([tag, operations]) =>
      `<section id="${escapeHtml(tag)}"><h2>${escapeHtml(tag)}</h2>${operations.join('')}</section>`,
  );
  const shapes = schemas.map(
    ([name, schema]) =>
      `<article id="schema-${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3>${schemaHtml(schema)}</article>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sealpost API reference</title><link rel="stylesheet" href="/v1/docs.css"></head>
<body><header><h1>Sealpost API ${escapeHtml(asText(info.version))}</h1><p>${escapeHtml(asText(info.description))}</p>
<p>The same as <a href="/v1/openapi.json">OpenAPI 3.1 document</a>.</p></header>
<nav aria-label="Groups">${nav.join(' ')}</nav>
<main>${sections.join('')}<section id="schemas"><h2>Schemas</h2>${shapes.join('')}</section></main></body></html>`;
}

function operationHtml(method: string, path: string, operation: Json): string {
  const parameters = asArray(operation.parameters).map((value) => {
    const parameter = asObject(value);
    const needed = parameter.required === true ? 'required' : 'optional';
    return `<tr><td><code>${escapeHtml(asText(parameter.name))}</code></td><td>${escapeHtml(asText(parameter.in))}, ${needed}</td><td>${schemaHtml(parameter.schema)}</td></tr>`;
  });
  const request = Object.entries(asObject(asObject(operation.requestBody).content)).map(
    ([type, media]) => `<h4>Body <code>${escapeHtml(type)}</code></h4>${schemaHtml(asObject(media).schema)}`,
  );
  const responses = Object.entries(asObject(operation.responses)).map(([status, value]) => {
    const response = asObject(value);
    const shapes = Object.entries(asObject(response.content)).map(
      ([type, media]) => `<code>${escapeHtml(type)}</code> ${schemaHtml(asObject(media).schema)}`,
    );
    return `<tr><td><code>${escapeHtml(status)}</code></td><td>${escapeHtml(asText(response.description))}</td><td>${shapes.join('')}</td></tr>`;
  });
  const permission = asText(operation['x-permission']);
  const needs =
    permission !== '' ? `Needs <code>${escapeHtml(permission)}</code>.` : accessText(operation.security);
  const table = parameters.length === 0 ? '' : `<table><tbody>${parameters.join('')}</tbody></table>`;
  return `<article><h3><code class="method">${escapeHtml(method.toUpperCase())}</code> <code>${escapeHtml(path)}</code></h3>
<p>${escapeHtml(asText(operation.summary))}. ${escapeHtml(asText(operation.description))} ${needs}</p>${table}${request.join('')}
<details><summary>Answers</summary><table><tbody>${responses.join('')}</tbody></table></details></article>`;
}

function accessText(security: unknown): string {
  return asArray(security).length === 0 ? 'Public.' : 'Needs a console session.';
}

/** A schema in words: names, types and bounds, references as links. */
function schemaHtml(value: unknown): string {
  const schema = asObject(value);
  const reference = asText(schema.$ref).split('/').at(-1) ?? '';
  if (reference !== '') return `<a href="#schema-${escapeHtml(reference)}">${escapeHtml(reference)}</a>`;
  const choices = asArray(schema.anyOf ?? schema.oneOf);
  if (choices.length > 0) return choices.map(schemaHtml).join(' or ');
  if (schema.const !== undefined) return `<code>${escapeHtml(JSON.stringify(schema.const))}</code>`;
  const values = asArray(schema.enum);
  if (values.length > 0)
    return values.map((item) => `<code>${escapeHtml(JSON.stringify(item))}</code>`).join(' ');
  if (schema.type === 'array') return `list of ${schemaHtml(schema.items)}`;
  if (schema.type === 'object' && schema.properties !== undefined) {
    const required = asArray(schema.required);
    const rows = Object.entries(asObject(schema.properties)).map(([name, child]) => {
      const mark = required.includes(name) ? '' : ' <em>optional</em>';
      const words = asText(asObject(child).description);
      return `<li><code>${escapeHtml(name)}</code>${mark}: ${schemaHtml(child)} ${escapeHtml(words)}</li>`;
    });
    return `<ul>${rows.join('')}</ul>`;
  }
  const bounds = ['format', 'minLength', 'maxLength', 'minimum', 'maximum', 'default']
    .filter((name) => schema[name] !== undefined)
    .map((name) => `${name} ${escapeHtml(String(schema[name]))}`);
  return `${escapeHtml(asText(schema.type) || 'any')}${bounds.length === 0 ? '' : ` (${bounds.join(', ')})`}`;
}

export const REFERENCE_STYLE = `:root { color-scheme: light dark; font: 16px/1.55 system-ui, sans-serif; }
body { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0.75rem 0; border-block: 1px solid currentColor; }
article { padding: 0.75rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
h3 { margin: 0.5rem 0; font-size: 1rem; overflow-wrap: anywhere; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; }
.method { font-weight: 700; }
table { border-collapse: collapse; width: 100%; }
td { padding: 0.25rem 0.75rem 0.25rem 0; vertical-align: top; }
ul { margin: 0.25rem 0; padding-left: 1.25rem; }
a { color: inherit; text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid; outline-offset: 2px; }
`;
