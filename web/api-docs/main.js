// A file of its own because the page's policy allows no inline script.
const address = document.querySelector('meta[name="openapi-url"]').content;

followColourScheme();

globalThis.SwaggerUIBundle({
  url: address,
  dom_id: '#api-docs',
  deepLinking: true,
  docExpansion: 'list',
  tryItOutEnabled: true,
  validatorUrl: null, // the badge would ask a public server
  persistAuthorization: false, // a token typed here is gone after a reload
  plugins: [callThisServer, authorizeOnLogin],
});

function followColourScheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', apply);
  apply();
}

/** The document names the public address; the page calls the one that it was loaded from. */
function callThisServer() {
  const here = new URL('.', location.href).href.replace(/\/$/, '');
  const moved = (holder, main) =>
    holder.servers
      ? {
          ...holder,
          servers: holder.servers.map((server) => (server.url === main ? { ...server, url: here } : server)),
        }
      : holder;
  return {
    statePlugins: {
      spec: {
        wrapActions: {
          updateJsonSpec: (update) => (spec) => {
            const main = spec.servers[0].url;
            const paths = Object.entries(spec.paths).map(([path, item]) => [path, moved(item, main)]);
            return update({ ...moved(spec, main), paths: Object.fromEntries(paths) });
          },
        },
      },
    },
  };
}

/** Authorizes the calls that follow with the token of a login; `x-authorizes` says where its answer has it. */
function authorizeOnLogin() {
  return {
    statePlugins: {
      spec: {
        wrapActions: {
          setResponse: (set, system) => (path, method, response) => {
            const authorizes = system.specSelectors.specJson().getIn(['paths', path, method, 'x-authorizes']);
            if (authorizes && response.status === 200)
              authorize(
                system,
                authorizes.get('scheme'),
                valueAt(JSON.parse(response.text), authorizes.get('tokenAt')),
              );
            return set(path, method, response);
          },
        },
      },
    },
  };
}

function authorize(system, name, value) {
  const schema = system.specSelectors.specJson().getIn(['components', 'securitySchemes', name]);
  system.authActions.authorize({ [name]: { name, schema, value } });
}

/** The value at a JSON pointer whose names have nothing to unescape. */
function valueAt(body, pointer) {
  return pointer
    .slice(1)
    .split('/')
    .reduce((value, name) => value[name], body);
}
