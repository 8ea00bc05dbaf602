import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { download } from './download.ts';
import { ActFailure } from './failure.tsx';

/** A link that downloads a file of the API. The address alone gives nothing: see `download`. */
export function DownloadLink(props: {
  path: string;
  fileName?: string;
  className: string;
  children: ReactNode;
}) {
  const fetching = useMutation({ mutationFn: () => download(props.path, props.fileName) });
  return (
    <>
      <a
        href={props.path}
        download={props.fileName ?? ''}
        className={props.className}
        onClick={(event) => {
          event.preventDefault();
          fetching.mutate();
        }}
      >
        {props.children}
      </a>
      <ActFailure error={fetching.error} />
    </>
  );
}
