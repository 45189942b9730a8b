/** Accepts files that are dropped or pasted. Without this, the browser opens a dropped photo instead of the page. */

/**
 * @param {(files: File[]) => void} onFiles
 */
export function acceptFiles(onFiles) {
  addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.toggleAttribute('data-dropping', hasFiles(event.dataTransfer));
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) document.body.removeAttribute('data-dropping');
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.removeAttribute('data-dropping');
    take(event.dataTransfer, onFiles);
  });
  addEventListener('paste', (event) => take(event.clipboardData, onFiles));
}

/**
 * @param {DataTransfer | null} transfer
 * @param {(files: File[]) => void} onFiles
 */
function take(transfer, onFiles) {
  const files = [...(transfer?.files ?? [])];
  const isBusy = 'busy' in document.body.dataset || document.querySelector('dialog[open]');
  if (files.length > 0 && !isBusy) onFiles(files);
}

/** @param {DataTransfer | null} transfer */
function hasFiles(transfer) {
  return Boolean(transfer?.types.includes('Files'));
}
