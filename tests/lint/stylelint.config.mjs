// What Stylelint checks in the page's style sheet.

export default {
  extends: "stylelint-config-standard",
  rules: {
    "custom-property-empty-line-before": null,
    "declaration-empty-line-before": null,
    // Browsers of 2022 do not know (width <= 40rem).
    "media-feature-range-notation": "prefix",
    // It compares selectors that match different elements.
    "no-descending-specificity": null,
  },
};
