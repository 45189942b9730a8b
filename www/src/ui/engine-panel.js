/** Which engine computes, and why; the model and how far it has been measured. */

import { backendName, explain, megabytes, oneIn, reason } from '../messages.js';
import { byId, make, setText } from './dom.js';

/** @typedef {import('../../package/engine-client.js').EngineState} EngineState */

const panel = byId('engine', HTMLElement);
const bar = byId('load-progress', HTMLProgressElement);

/** @param {EngineState} state */
export function showEngine(state) {
  panel.dataset.phase = state.phase;
  panel.dataset.backend = state.backend ?? '';
  panel.dataset.why = state.why ?? '';
  setText(byId('engine-summary', HTMLElement), summary(state));
  byId('engine-facts', HTMLElement).replaceChildren(
    ...facts(state).flatMap(([term, value]) => [make('dt', { text: term }), make('dd', { text: value })]),
  );
  showProgress(state);
}

/** @param {EngineState} state */
function summary({ phase, progress, backend, times, error }) {
  if (phase === 'failed' && error) return explain(error).title;
  if (phase === 'downloading') return `Loading the face model${progress ? `: ${amount(progress)}` : ''}`;
  if (phase === 'starting' || !backend) return 'Starting the engine';
  const time = times[backend];
  return `Computed on the ${backend === 'webgpu' ? 'GPU' : 'CPU'}${time ? `, ${milliseconds(time)} a face` : ''}`;
}

/**
 * @param {EngineState} state
 * @returns {[string, string][]}
 */
function facts({ backend, why, times, agreement, model, error }) {
  /** @type {[string, string][]} */
  const list = [];
  if (error) list.push(['Last problem', `${explain(error).title} (${error.message})`]);
  if (backend) list.push(['Engine', backendName(backend)], ['Why', reason(why)]);
  for (const one of /** @type {const} */ (['cpu', 'webgpu'])) {
    const time = times[one];
    if (time) list.push([`${backendName(one)} time`, `${milliseconds(time)} to find and embed a face`]);
  }
  if (agreement) list.push(['Self-test', `passed, lowest cosine ${agreement.toFixed(5)}`]);
  if (model) {
    const rates = model.thresholds.map(({ fmr }) => oneIn(fmr)).join(', ');
    list.push(['Model', `${model.preset}, ${model.id}`]);
    list.push(['Calibrated on', `${model.impostorTrials.toLocaleString('en')} pairs of strangers`]);
    list.push(['Supports', rates || 'no stated rate']);
  }
  return list;
}

/** @param {EngineState} state */
function showProgress({ phase, progress }) {
  bar.hidden = phase !== 'downloading';
  if (!progress?.total) return bar.removeAttribute('value');
  bar.max = progress.total;
  bar.value = progress.received;
}

/** @param {import('../../package/models.js').Progress} progress */
function amount({ received, total }) {
  return total ? `${megabytes(received)} of ${megabytes(total)}` : megabytes(received);
}

/** @param {number} time */
function milliseconds(time) {
  return `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
}
