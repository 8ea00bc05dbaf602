import type { IssuedApiKey } from '../../api-types.ts';
import { Button } from '../../parts/button.tsx';
import { CopyBox } from '../../parts/copy-box.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { apiKeysText as words } from '../../text/administration.ts';

/** The one time a secret is seen. */
export function SecretDialog({ issued, onClose }: { issued: IssuedApiKey | null; onClose: () => void }) {
  return (
    <Dialog
      open={issued !== null}
      onOpenChange={(open) => !open && onClose()}
      title={words.secretTitle}
      description={words.secretLead}
    >
      {issued && <CopyBox label={words.secret} text={issued.secret} />}
      <Button kind="primary" className="self-end" onClick={onClose}>
        {words.secretKept}
      </Button>
    </Dialog>
  );
}
