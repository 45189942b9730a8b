/** In place of `package/webgpu.js` where that engine has not been built. */

export const webgpu = () => undefined;
