// SPDX-License-Identifier: BSD-2-Clause
// Real work for node.exe: files, hashes, compression, a worker thread, timers, promises, the compiler.
const fs = require('fs');
const crypto = require('crypto');
const path = require('path');
const zlib = require('zlib');
const { Worker, isMainThread, parentPort } = require('worker_threads');

function work() {
    let sum = 0;

    for (let i = 0; i < 100000; i++)
        sum += i * i % 7;
    return sum;
}

function main() {
    const text = 'The quick brown fox '.repeat(5000);
    const fibonacci = n => n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
    const worker = new Worker(__filename);

    fs.writeFileSync('a.txt', text);
    console.log('file', fs.statSync('a.txt').size, fs.readFileSync('a.txt', 'utf8') === text);
    console.log('sha256', crypto.createHash('sha256').update(text).digest('hex'));
    console.log('gzip', zlib.gunzipSync(zlib.gzipSync(text)).toString() === text);
    console.log('platform', process.platform, process.arch, path.sep, path.extname('x.tar.gz'));
    console.log('json', JSON.stringify({ list: [5, 3, 9].sort(), map: [...new Map([[1, 'a']])] }));
    console.log('text', 'Äöü€'.toLowerCase(), Buffer.from('Äöü€').toString('hex'), /(\d+)-(\w+)/.exec('12-ab').slice(1).join());
    console.log('fibonacci', fibonacci(22));
    worker.on('message', sum => console.log('worker', sum));
    worker.on('exit', status => {
        console.log('worker ended', status);
        setTimeout(async () => {
            console.log('promise', (await fs.promises.readFile('a.txt')).length, (await fs.promises.readdir('.')).includes('a.txt'));
            fs.unlinkSync('a.txt');
            process.exitCode = 7;
        }, 20);
    });
}

if (isMainThread)
    main();
else
    parentPort.postMessage(work());
