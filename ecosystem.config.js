/**
 * The four processes for pm2 (docs/architecture.md, "Supervision"). CommonJS, because pm2 requires it.
 *
 * No output goes to pm2's log files: what the processes do is in `<data folder>/logs`, and what the console shows is
 * what people say, which belongs on no disk but in the history. `pm2 attach <id>` shows the console live all the same.
 */
const profile = process.env.EARSHOT_PROFILE || 'default';
const nowhere = process.platform === 'win32' ? 'NUL' : '/dev/null';

function service(name, args) {
  return {
    name: profile === 'default' ? name : `${profile}-${name}`,
    namespace: 'earshot',
    script: `apps/${name}/dist/main.js`,
    args,
    // What one turn makes is garbage after it: with the default of 16 MiB a busy process holds 40 MB more and is no faster.
    node_args: '--max-semi-space-size=4',
    cwd: __dirname,
    exec_mode: 'fork', // one owner of each port, key and file
    instances: 1,
    wait_ready: true, // "online" means that it really serves
    listen_timeout: 8_000,
    kill_timeout: 6_000, // longer than libs/runtime's stop of all parts; pm2's 1.6 s would cut a clean close short
    exp_backoff_restart_delay: 100,
    stop_exit_codes: [78], // EXIT.misconfigured in libs/runtime: no restart will cure it
    out_file: nowhere,
    error_file: nowhere,
    merge_logs: true,
    vizion: false, // no look into the git repository
    pmx: false, // no metrics module inside our processes
    automation: false,
  };
}

module.exports = {
  apps: [service('messenger'), service('discovery'), service('logserver'), service('console', '--plain --supervised')],
};
