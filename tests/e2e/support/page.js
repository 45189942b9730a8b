/** Operates the page as its users do, in any language. */

/** Longest wait in milliseconds; software WebGPU takes seconds for a face. */
const PATIENCE = { cpu: 60_000, webgpu: 300_000 };

/** How many tries a test has for the movement check. */
export const TRIES = 3;

export class FacekeyPage {
  /**
   * @param {import('playwright-core').Page} page
   * @param {'cpu' | 'webgpu'} backend
   */
  constructor(page, backend) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE[backend]);
  }

  /**
   * Waits until the engine runs, on this backend if one is named.
   * @param {'cpu' | 'webgpu'} [backend]
   */
  async ready(backend) {
    const which = backend ? `[data-backend="${backend}"]` : '';
    await this.page.locator(`#engine[data-phase="ready"]${which}`).waitFor();
  }

  async reload() {
    await this.page.reload();
  }

  /** Crashes the engine's worker as a trap does, and waits until another one runs. */
  async crashEngine() {
    const [worker] = this.page.workers();
    await worker.evaluate(() => void setTimeout(() => reportError(new WebAssembly.RuntimeError('unreachable'))));
    await this.page.locator('#toast[data-code="engine-restarted"]').waitFor();
    await this.ready('cpu');
  }

  /** @param {'Verify' | 'Enrol' | 'Compare'} name */
  async choose(name) {
    const radio = this.page.locator(`input[name=task][value=${name.toLowerCase()}]`);
    await radio.waitFor(); // not available while the page opens, or while the gallery is locked
    await radio.check({ force: true });
  }

  /** @param {string} name */
  async enrolFromCamera(name) {
    await this.fillIn(name);
    await this.page.locator('#enrol-camera').click();
    return this.noticeCode();
  }

  /**
   * @param {string} name
   * @param {{name: string, mimeType: string, buffer: Buffer}[]} files
   */
  async enrolFromPhotos(name, files) {
    await this.fillIn(name);
    await this.page.locator('#enrol-files').setInputFiles(files);
    return this.noticeCode();
  }

  /**
   * Fills in the enrolment's form, including the consent.
   * @param {string} name
   */
  async fillIn(name) {
    await this.choose('Enrol');
    await this.page.locator('#name').fill(name);
    await this.page.locator('#consent').check();
  }

  /** The code of the report on each photo. */
  async photoReports() {
    return this.page
      .locator('#photo-reports li')
      .evaluateAll((items) => items.map((item) => /** @type {HTMLElement} */ (item).dataset.code));
  }

  /**
   * Verifies without the movement check, which a camera that plays a file cannot answer.
   * @param {string} [name] of the person to compare with; by default anyone
   */
  async verifyWithCamera(name) {
    await this.choose('Verify');
    await this.page.locator('#skip-movement').check();
    return this.verifyLive(name);
  }

  /** @param {string} [name] of the person to compare with; by default anyone */
  async verifyLive(name) {
    await this.#compareWith(name);
    await this.page.locator('#verify-camera').click();
    return this.result();
  }

  /**
   * Verifies in up to three tries, because a slow machine may fail the movement check.
   * @param {string} name
   */
  async verifyLiveInTries(name) {
    let result = await this.verifyLive(name);
    for (let tries = 1; tries < TRIES && result.reason === 'no-live-face'; tries++) result = await this.verifyLive(name);
    return result;
  }

  /**
   * @param {{name: string, mimeType: string, buffer: Buffer}} file
   * @param {string} [name] of the person to compare with; by default anyone
   */
  async verifyPhoto(file, name) {
    await this.#compareWith(name);
    await this.page.locator('#verify-file').setInputFiles(file);
    return this.result();
  }

  /** @param {string} [name] */
  async #compareWith(name) {
    await this.choose('Verify');
    // The most lenient rate: these tests are about the page, not about the accuracy of the weights.
    await this.page.locator('#strictness').selectOption({ index: 0 });
    await this.page.locator('#whom').selectOption(name ? { label: name } : { index: 0 });
  }

  /** The decision, its reason and its texts. */
  async result() {
    const card = this.page.locator('#result');
    const refusal = this.page.locator('#toast[data-kind="error"]:not([hidden])');
    await card.or(refusal).first().waitFor();
    if (!(await card.isVisible())) {
      throw new Error(`no decision was made: ${await refusal.getAttribute('data-code')}`);
    }
    await this.leaveStep();
    return {
      verdict: await card.getAttribute('data-verdict'),
      reason: await card.getAttribute('data-reason'),
      liveness: await card.getAttribute('data-liveness'),
      headline: await card.getByRole('heading').innerText(),
      text: await card.innerText(),
    };
  }

  /** The code of the shown message. */
  async noticeCode() {
    const toast = this.page.locator('#toast');
    await toast.waitFor();
    const code = await toast.getAttribute('data-code');
    await this.leaveStep();
    return code;
  }

  /** The code of the error that ended the camera step. */
  async stepTrouble() {
    const step = this.page.locator('#viewfinder[data-state="failed"]');
    await step.waitFor();
    return step.getAttribute('data-error');
  }

  /** Closes the camera step if it has ended. */
  async leaveStep() {
    const step = this.page.locator('#viewfinder');
    if (/** @type {string | null} */ (await step.getAttribute('data-state')) === 'off') return;
    await this.page.locator('#viewfinder:is([data-state="good"], [data-state="failed"]) #camera-cancel').click();
    await step.waitFor({ state: 'hidden' });
  }

  /** Opens the section about the stored data. */
  async openKeeping() {
    const keeping = this.page.locator('#keeping');
    if ((await keeping.getAttribute('open')) === null) await keeping.locator('summary').click();
    return keeping;
  }

  /**
   * Presses a button in the section about the stored data, and fills in its dialog.
   * @param {string} name of the button
   * @param {string[]} answers
   * @returns {Promise<import('playwright-core').Locator>} the dialog
   */
  async answerSecret(name, answers) {
    const keeping = await this.openKeeping();
    await keeping.getByRole('button', { name }).click();
    return this.fillSecret(answers);
  }

  /** @param {Buffer} buffer of an exported gallery */
  async chooseImport(buffer) {
    await this.openKeeping();
    const file = { name: 'gallery.facekey', mimeType: 'application/octet-stream', buffer };
    await this.page.locator('#import').setInputFiles(file);
  }

  /**
   * @param {Buffer} buffer of an exported gallery
   * @param {string} passphrase
   */
  async importFile(buffer, passphrase) {
    await this.chooseImport(buffer);
    return this.fillSecret([passphrase]);
  }

  /** @param {string} passphrase */
  async unlock(passphrase) {
    const field = this.page.locator('#passphrase');
    await field.fill(passphrase);
    await field.press('Enter');
  }

  /** @param {string[]} answers */
  async fillSecret(answers) {
    const dialog = this.page.getByRole('dialog');
    const fields = dialog.locator('input[type=password]');
    await fields.first().waitFor();
    for (const [index, answer] of answers.entries()) await fields.nth(index).fill(answer);
    await fields.last().press('Enter');
    return dialog;
  }

  /** The names in the list of enrolled people. */
  people() {
    return this.page.locator('#people strong').allInnerTexts();
  }

  /** @param {RegExp} text */
  async guidance(text) {
    await this.page.locator('#guidance').filter({ hasText: text }).waitFor();
  }
}
