// This file defines the passes that run the network. They are thin wrappers:
// the work is done in Calibration.
#ifndef NPIR_PIPELINES_PASSES_TD
#define NPIR_PIPELINES_PASSES_TD

include "mlir/Pass/PassBase.td"

def CalibratePass : Pass<"npir-calibrate", "::mlir::ModuleOp"> {
  let summary = "Run the observed network over samples and write statistics";
  let description = [{
    Takes station `observed` (or `calibrated`) and leaves the module as it is. The network runs in float on the runtime;
    every observed activation is recorded, and the statistics are written to `stats`, free of any observer's method:
    `--npir-attach-calibration` derives ranges from them without data, as often as it is asked to, under any configuration of
    the same model; only percentiles of each channel of an activation need channels' histograms, which the specs of the
    calibrated module or `channel-histograms` ask for. Weights need no samples. With `attach` that pass' work is done at once, from the statistics in
    memory.

    Of a tensor the file holds counts, extrema, those of channels, a histogram, and the tails of each batch; memory does not grow
    with the number of samples but for the latter, some 300 bytes. Batch i is the samples [i*batch, (i+1)*batch) of the data set,
    so that runs over parts of the data (`samples`) merge to the very bytes of one run over all of it. The network runs on
    `run-batch` samples at a time, which changes memory and speed only, as do `threads` and `max-memory`; the plan is printed before the start.

    Every `checkpoint` seconds, and at Ctrl-C, the batches so far are written to `<stats>.partial`, which goes when the file is
    done. `resume` starts from it, or from a finished file, and runs the samples that are not there: the way on after a kill, and to
    add samples later (`samples=200:400 resume`). docs/Calibration.md tells more.

    `row-sample=4` counts a quarter of the rows (a row is the innermost dimension) in histograms and moments, always the same ones;
    counts and extrema are those of all. `per-batch=histogram` keeps the whole histogram of each batch, so that averages of
    percentiles (`sigma`) are within a bin for every alpha. Both are part of what the file means.

    A network in another dialect (docs/Embedding.md) runs by way of npir ops: the passes in `lower` make them of a copy of
    the module in memory, without observers. The module stays in its dialect.

    Fails before anything runs when the data's names, types, shapes or counts do not fit, or when a sample holds NaN or
    an infinity. A tensor inside the network that holds them is a warning with the layer's name, or under `strict` an error. Warned
    of are, too, tensors that are constant or all zero.

    ```
    npir-opt observed.mlirbc --npir-calibrate="data=calib stats=model.npirstats samples=0:200 batch=32 threads=2" -o /dev/null
    ```
  }];
  let options = [
    Option<"data", "data", "std::string", /*default=*/"", "Folder with <input>.npy per input, or a .npz file">,
    Option<"stats", "stats", "std::string", /*default=*/"", "Statistics file to write">,
    Option<"samples", "samples", "std::string", /*default=*/"", "Use samples BEGIN:END only (global indices)">,
    Option<"batch", "batch", "int64_t", /*default=*/"32", "Samples per batch">,
    Option<"runBatch", "run-batch", "int64_t", /*default=*/"0", "Samples per run of the network; 0: as many as keep tensors in the cache">,
    Option<"threads", "threads", "unsigned", /*default=*/"1", "Threads; 0: the machine's">,
    Option<"maxMemory", "max-memory", "std::string", /*default=*/"", "Memory that the process may have, e.g. 512M or 2G">,
    Option<"channelHistograms", "channel-histograms", "bool", /*default=*/"false",
      "Record histograms of all channels, and not only where a spec needs them">,
    Option<"rowSample", "row-sample", "int64_t", /*default=*/"1", "Count one row in so many in histograms and moments">,
    Option<"perBatch", "per-batch", "std::string", /*default=*/"\"tails\"",
      "What is kept of the distribution of each batch: tails, or the whole histogram">,
    Option<"resume", "resume", "bool", /*default=*/"false", "Go on from `<stats>.partial`, or add to `stats`">,
    Option<"checkpoint", "checkpoint", "double", /*default=*/"60.0", "Seconds between two writes of `<stats>.partial`; 0: never">,
    Option<"lower", "lower", "std::string", /*default=*/"", "Passes that turn another dialect's ops into npir ops">,
    Option<"attach", "attach", "bool", /*default=*/"false", "Attach the statistics at once; then `stats` may be left out">,
    Option<"tune", "tune", "bool", /*default=*/"true",
      "With attach, and where observer `auto` is asked for: choose its clip weights by the network's output">,
    Option<"quiet", "quiet", "bool", /*default=*/"false", "Show no progress">,
    Option<"strict", "strict", "bool", /*default=*/"false", "Fail where a tensor inside the network holds NaN or infinities">,
    Option<"timing", "timing", "std::string", /*default=*/"",
      "JSON file with times and memory; the plain network runs over the same samples, too">,
  ];
}

def TuneRangesPass : Pass<"npir-tune-ranges", "::mlir::ModuleOp"> {
  let summary = "Attach statistics, the ranges of observer 'auto' chosen by the network's output";
  let description = [{
    From `observed` (or `calibrated`) to `calibrated`, as `--npir-attach-calibration`, but with samples at hand. Of a tensor by itself,
    the range with the least squared error is best, and that is what `auto` takes. In a network it need not be: what rounding
    does to one value is independent of what it does to the next and averages out where products are summed up, while
    cut values are all too small, all in the places where the signal is, and that stays. How much more cut values should count depends
    on the network: on what bounds or normalizes them later.

    So `auto` has two clip weights, factors of the squared errors of what a range cuts off: one for tensors that an op sums up
    products of (convolution, linear, matmul), one for all others. This pass tries pairs of 1, 4, 16, 64 and infinity (the
    range is that of the extrema), 16 at most: 4 and 1, 16 and 1, equal ones, then neighbours of the best, while a step gains 0.5 dB. The
    first samples of `samples` (as many as make 2^29 values of observed tensors, 32 to 256) are halved, and each half is recorded
    anew; ranges from one half make XNNPACK's integers, which run over the other, so that cutting nothing of what was seen is worth no more
    than it will be. In the end three trials cut a millionth, a hundred-thousandth and a ten-thousandth of the values off every tensor, at
    either end and whatever that costs it.

    Trials are compared by the SQNR of the outputs against the float network's. Where few samples make up most of it, the highest may be
    highest by chance, and lose with other samples. So each trial's distance to the highest gets a standard error, by leaving out one sample after
    the other (the jackknife), and of the pairs tried first that are no farther away the one nearest to 4 and 1 stays, counted in
    steps of either weight; without such a pair the trial with the highest SQNR. A remark tells of all. The module keeps the choice as `npir.clip_weights =
    [summed, others]`, or `[inf, inf, share]`, which `--npir-attach-calibration` follows.

    A network in which no activation has the observer `auto` is attached, and no more. `--npir-calibrate` with `attach` and
    `--npir-quantize-pipeline` with `data` do the same unless told `tune=false`.

    ```
    npir-opt observed.mlirbc --npir-tune-ranges="data=calib stats=model.npirstats" -o calibrated.mlirbc
    ```
  }];
  let options = [
    Option<"data", "data", "std::string", /*default=*/"", "Folder with <input>.npy per input, or a .npz file">,
    Option<"stats", "stats", "std::string", /*default=*/"", "Statistics file (.npirstats)">,
    Option<"samples", "samples", "std::string", /*default=*/"", "Take samples BEGIN:END only">,
    Option<"threads", "threads", "unsigned", /*default=*/"1", "Threads; 0: the machine's">,
    Option<"lower", "lower", "std::string", /*default=*/"", "Passes that turn another dialect's ops into npir ops">,
    Option<"quiet", "quiet", "bool", /*default=*/"false", "Show no progress, and no remark">,
  ];
}

def LowerPass : Pass<"npir-lower", "::mlir::ModuleOp"> {
  let summary = "Run the conversion of another dialect to npir ops";
  let description = [{
    Runs `passes`, written as in `--pass-pipeline`, and checks that they left only npir ops among the ops with
    QuantizableOpInterface. So `--npir-quantize-pipeline` can hold another dialect's conversion, which takes its place
    behind `--npir-canonicalize-qdq`.

    ```
    acme-opt model.mlir --npir-quantize-pipeline="data=calib lower=convert-acme-to-npir"
    ```
  }];
  let options = [
    Option<"passes", "passes", "std::string", /*default=*/"", "The conversion, as a list of passes on the module">,
  ];
}

#endif // NPIR_PIPELINES_PASSES_TD
