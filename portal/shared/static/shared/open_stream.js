/* The editor of a stream knows every block that the page may hold, and offers only those that may be added. */
(() => {
  const { StreamBlockDefinition } = window.wagtailStreamField.blocks;

  class OpenStreamBlockDefinition extends StreamBlockDefinition {
    constructor(name, groupedChildBlockDefs, initialChildStates, meta) {
      super(name, groupedChildBlockDefs, initialChildStates, meta);
      const hidden = new Set(meta.hidden || []);
      this.groupedChildBlockDefs = groupedChildBlockDefs
        .map(([group, blocks]) => [group, blocks.filter((block) => !hidden.has(block.name))])
        .filter(([, blocks]) => blocks.length > 0);
    }
  }

  window.telepath.register("portal.shared.OpenStreamBlock", OpenStreamBlockDefinition);
})();
