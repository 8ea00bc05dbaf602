import { expect, it } from 'vitest';
import { readReference } from './reference-schema.ts';

it('reads what entries hold, also those of earlier releases that are an address and nothing around it', () => {
  const read = (text: string) => readReference(Buffer.from(text));
  expect(read('{"recipients":["anna@clinic.test"],"sender":"lee@clinic.test"}')).toEqual({
    recipients: ['anna@clinic.test'],
    sender: 'lee@clinic.test',
  });
  expect(read('{"networkAddress":"192.0.2.1"}')).toEqual({ networkAddress: '192.0.2.1' });
  expect(read('anna@clinic.test')).toEqual({ recipients: ['anna@clinic.test'] });
  expect(() => read('{"unknown":1}')).toThrow();
});
