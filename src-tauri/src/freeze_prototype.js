// Closes Object.prototype, so that no data can plant a property on every object of the page.
// Tauri's own `freezePrototype` freezes it as it is; libraries that give their objects a `valueOf` or `toString` by
// plain assignment (dayjs does) then fail to load, because an inherited read-only property forbids assignment.
// Here each inherited method becomes an accessor that lets an object have its own instead.
(() => {
  const root = Object.prototype;
  for (const name of Object.getOwnPropertyNames(root)) {
    const { value, configurable } = Object.getOwnPropertyDescriptor(root, name);
    if (typeof value !== 'function' || !configurable) continue;
    Object.defineProperty(root, name, {
      get: () => value,
      set(own) {
        if (this === root) throw new TypeError(`Object.prototype.${name} is closed`);
        Object.defineProperty(this, name, { value: own, writable: true, enumerable: true, configurable: true });
      },
      enumerable: false,
      configurable: false,
    });
  }
  Object.freeze(root);
})();
