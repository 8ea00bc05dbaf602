import type { Schemas } from '@sealpost/client';
import { infiniteQueryOptions } from '@tanstack/react-query';
import { client, unwrap } from '../api.ts';

export type NewEvidence = Pick<
  Schemas['AuditEvidence'],
  'source' | 'note' | 'periodFrom' | 'periodUntil' | 'incident'
>;

/** What one file may have, in octets. */
export const MOST_EVIDENCE = 25 * 1024 * 1024;

/** Of one incident, or all, newest first. Each look is on record, so they are not asked for in the background. */
export function evidenceQuery(incident: string | null) {
  return infiniteQueryOptions({
    queryKey: ['audit-evidence', incident ?? ''],
    queryFn: ({ pageParam, signal }) => {
      const query = {
        limit: 50,
        ...(incident === null ? {} : { incident }),
        ...(pageParam === null ? {} : { cursor: pageParam }),
      };
      return unwrap(client.GET('/v1/audit-evidence', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
  });
}

/** Files the report; its file is put to it next. */
export function fileEvidence(report: NewEvidence, fileName: string) {
  return unwrap(client.POST('/v1/audit-evidence', { body: { ...report, fileName } }));
}

export function putEvidenceFile(id: string, file: File) {
  return unwrap(
    client.PUT('/v1/audit-evidence/{id}/file', {
      params: { path: { id } },
      // The document's type of a binary body is a string; the file itself is streamed.
      body: file as unknown as string,
      bodySerializer: (body) => body,
      headers: { 'content-type': 'application/octet-stream' },
    }),
  );
}

export function evidenceFilePath(id: string): string {
  return `/v1/audit-evidence/${id}/file`;
}
