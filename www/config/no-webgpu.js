/** Replaces `package/webgpu.js` if the WebGPU engine has not been built. */

export const webgpu = () => undefined;
