/** One valid picture of one pixel in each form that models take, as data URLs. */

const base64 = {
  png: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  jpeg: '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
  gif: 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
  webp: 'UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAUAmJaQAA3AA/v3AgAA=',
} as const

export const tinyImages: Readonly<Record<keyof typeof base64, string>> = {
  png: `data:image/png;base64,${base64.png}`,
  jpeg: `data:image/jpeg;base64,${base64.jpeg}`,
  gif: `data:image/gif;base64,${base64.gif}`,
  webp: `data:image/webp;base64,${base64.webp}`,
}
