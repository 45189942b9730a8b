/** Shows which engine is used and why, the model, and the rates for which it has been measured. */

import { formatList, message } from './locale.js';
import { backendName, backendReason, explain, megabytes, oneIn } from './messages.js';
import { byId, make, setText } from './ui/dom.js';

/** @typedef {import('../package/facekey.js').EngineState} EngineState */

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
  if (phase === 'downloading') {
    return progress ? message('engine-downloading-amount', { amount: amount(progress) }) : message('engine-downloading');
  }
  if (phase === 'starting' || !backend) return message('engine-starting');
  const time = times[backend];
  return time
    ? message('engine-ready-timed', { backend, time: milliseconds(time) })
    : message('engine-ready', { backend });
}

/**
 * @param {EngineState} state
 * @returns {[string, string][]}
 */
function facts({ backend, why, times, agreement, model, error }) {
  /** @type {[string, string][]} */
  const lines = [];
  if (error) lines.push([message('fact-problem'), problem(error)]);
  if (backend) lines.push([message('fact-engine'), backendName(backend)], [message('fact-why'), backendReason(why)]);
  for (const one of /** @type {const} */ (['cpu', 'webgpu'])) {
    const time = times[one];
    if (time) lines.push([message('fact-time', { backend: backendName(one) }), message('fact-time-text', { time: milliseconds(time) })]);
  }
  if (agreement) lines.push([message('fact-self-test'), message('fact-self-test-text', { cosine: agreement })]);
  if (model) {
    const rates = model.thresholds.map(({ maxFmr }) => oneIn(maxFmr));
    lines.push([message('fact-model'), `${model.preset}, ${model.id}`]);
    lines.push([message('fact-calibrated'), message('fact-calibrated-text', { pairs: model.impostorTrials })]);
    lines.push([message('fact-supports'), formatList(rates) || message('fact-supports-none')]);
  }
  return lines;
}

/** @param {import('./errors.js').PageError} error */
function problem(error) {
  return message('fact-problem-text', { title: explain(error).title, detail: error.message });
}

/** Shows the progress of loading; tasks can be started meanwhile. @param {EngineState} state */
function showProgress(state) {
  const { phase, progress } = state;
  byId('loading', HTMLElement).hidden = phase === 'ready' || phase === 'failed';
  setText(byId('loading-text', HTMLElement), summary(state));
  if (!progress?.total) return bar.removeAttribute('value');
  bar.max = progress.total;
  bar.value = progress.received;
}

/** @param {import('../package/facekey.js').Progress} progress */
function amount({ received, total }) {
  return total ? message('amount-of', { received: megabytes(received), total: megabytes(total) }) : megabytes(received);
}

/** @param {number} time */
function milliseconds(time) {
  return message('milliseconds', { time: time < 10 ? time : Math.round(time) });
}
