"""Media library: takes a video in, checks it, encodes it to HLS as a durable job and plays it by signed addresses.

Knows no portal model. The ways in: `intake.receive`, `operations`, `playback.playback_for`, `media_pipeline.web.urls`.
"""
