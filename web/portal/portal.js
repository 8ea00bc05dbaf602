// Small improvements; every page works without them. Nothing here sends anything by itself.

const locale = document.documentElement.lang === 'es' ? 'es-US' : 'en-US';

const STYLES = {
  day: { dateStyle: 'long' },
  minute: { dateStyle: 'long', timeStyle: 'short' },
  'short-day': { dateStyle: 'medium' },
  'short-minute': { dateStyle: 'medium', timeStyle: 'short' },
};

// Times into the reader's own zone, the exact moment on hover.
for (const time of document.querySelectorAll('time[datetime]')) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  const style = STYLES[time.dataset.style] ?? STYLES.minute;
  time.textContent = new Intl.DateTimeFormat(locale, style).format(moment);
  time.title = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' }).format(moment);
}

// A second press of the same button while the first is on its way does nothing.
for (const form of document.querySelectorAll('form[data-once]')) {
  let sent = false;
  form.addEventListener('submit', (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    for (const button of form.querySelectorAll('button')) button.setAttribute('aria-disabled', 'true');
  });
  // Coming back with the browser's back button shows the page as it was: it may be used again.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    sent = false;
    for (const button of form.querySelectorAll('button')) button.removeAttribute('aria-disabled');
  });
}

// Too large or too many files are said at once, before they travel.
for (const form of document.querySelectorAll('form[data-most-octets]')) {
  const input = form.querySelector('input[type="file"]');
  if (input === null) continue;
  input.addEventListener('change', () => {
    const files = [...input.files];
    const octets = files.reduce((sum, file) => sum + file.size, 0);
    const tooLarge = octets > Number(form.dataset.mostOctets);
    const tooMany = files.length > Number(form.dataset.mostFiles);
    const complaint = tooLarge ? form.dataset.tooLarge : tooMany ? form.dataset.tooMany : '';
    document.getElementById('files-error')?.remove();
    if (complaint === '') {
      input.removeAttribute('aria-invalid');
      input.setAttribute('aria-describedby', 'files-hint');
      return;
    }
    const error = document.createElement('p');
    error.className = 'field-error';
    error.id = 'files-error';
    error.setAttribute('role', 'alert');
    error.textContent = complaint;
    input.before(error);
    input.setAttribute('aria-invalid', 'true');
    input.setAttribute('aria-describedby', 'files-hint files-error');
    input.value = '';
  });
}

for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}
