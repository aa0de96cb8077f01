// A file of its own because the page's policy allows no inline script.
globalThis.SwaggerUIBundle({
  url: document.querySelector('meta[name="openapi-url"]').content,
  dom_id: '#api-docs',
  deepLinking: true,
  docExpansion: 'list',
  tryItOutEnabled: true,
  validatorUrl: null, // the badge would ask a public server
  persistAuthorization: false, // a token typed here is gone after a reload
});
