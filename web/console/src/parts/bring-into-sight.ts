const SCROLLS = /auto|scroll/;

/**
 * Scrolls the box that an element stands in until it is in sight. Not `scrollIntoView`: with that, browsers go on from the
 * element at the next press of Tab, and the way to skip the navigation is lost.
 */
export function bringIntoSight(element: Element | null | undefined): void {
  let box = element?.parentElement ?? null;
  while (box !== null) {
    const style = getComputedStyle(box);
    if (SCROLLS.test(`${style.overflowX} ${style.overflowY}`)) break;
    box = box.parentElement;
  }
  if (!element || box === null || box === document.body || box === document.documentElement) return;
  const [inner, outer] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom;
  if (inner.left < outer.left) box.scrollLeft -= outer.left - inner.left;
  else if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right;
}
