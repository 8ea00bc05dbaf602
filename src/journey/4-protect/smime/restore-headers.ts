import { type Entity, fieldOctets, isStructural, readEntity } from './entity.ts';

/**
 * The message that was protected: its own fields where they were protected with it, else those that came outside.
 * Structural fields always come from inside.
 */
export function restoreHeaders(
  outer: Entity,
  payload: Buffer,
): { message: Buffer; protectedHeaders: boolean } {
  const inner = readEntity(payload);
  const mark = inner.type.parameters.get('hp');
  const isProtected = mark === 'cipher' || mark === 'clear';
  const from = isProtected
    ? inner.fields
        .filter(({ key }) => !isStructural(key) && key !== 'hp-outer')
        .map((field) => fieldOctets(inner, field))
    : outer.fields.filter(({ key }) => !isStructural(key)).map((field) => fieldOctets(outer, field));
  const content = inner.fields
    .filter(({ key }) => isStructural(key))
    .map((field) => fieldOctets(inner, field));
  const version = inner.fields.some(({ key }) => key === 'mime-version')
    ? []
    : [Buffer.from('MIME-Version: 1.0\r\n')];
  return {
    protectedHeaders: isProtected,
    message: Buffer.concat([...from, ...version, ...content, Buffer.from('\r\n'), inner.body]),
  };
}
