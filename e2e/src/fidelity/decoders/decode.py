"""Decodes images with Pillow. Reads a JSON line per request, writes the pixels as RGBA to the file that the request
names, and answers with a JSON line."""

import io
import json
import re
import subprocess
import sys
import tempfile
import warnings

from PIL import Image, ImageCms, ImageOps, features

Image.MAX_IMAGE_PIXELS = None
warnings.simplefilter("ignore")
HAS_AVIF = "avif" in features.get_supported()
SRGB = ImageCms.createProfile("sRGB")
# Sum of table K.1 of ITU-T T.81, which quality 50 uses unscaled.
LUMA_TABLE_SUM = 3688
SRGB_GAMMA = 0.45455
# White, red, green and blue, as in PNG's cHRM.
SRGB_POINTS = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
ROTATIONS = {1: Image.Transpose.ROTATE_90, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_270}
MIRRORS = {0: Image.Transpose.FLIP_TOP_BOTTOM, 1: Image.Transpose.FLIP_LEFT_RIGHT}


def main():
    for line in sys.stdin:
        try:
            answer = decode(**json.loads(line))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def decode(path, pixels, size=None, maxFrames=None):
    image, facts = open_image(path)
    count = getattr(image, "n_frames", 1)
    delays = []
    with open(pixels, "wb") as file:
        for index in range(min(count, maxFrames or count)):
            image.seek(index)
            image.load()
            delays.append(image.info.get("duration") or 0)
            colour, frame = to_srgb(image)
            frame = upright(image, frame)
            if size is not None and frame.size != tuple(size):
                frame = scaled(frame, tuple(size))
            file.write(frame.tobytes())
    plays = image.info.get("loop", 1) if count > 1 else 1
    width, height = frame.size
    return {**facts, "colour": colour, "width": width, "height": height, "delays": delays, "plays": plays}


def open_image(path):
    with open(path, "rb") as file:
        is_avif = b"ftypavi" in file.read(32)
    if is_avif and not HAS_AVIF:
        return open_avif(path)
    image = Image.open(path)
    raw_modes = " ".join(str(tile[3]) for tile in image.tile)
    is_deep = "16" in raw_modes or image.mode.startswith("I")
    return image, {"bits": 16 if is_deep else 8, "quality": jpeg_quality(image)}


def open_avif(path):
    """Debian's Pillow reads no AVIF. avifdec leaves rotation and mirroring to its caller."""
    info = subprocess.run(["avifdec", "--info", path], capture_output=True, text=True, check=True).stdout
    with tempfile.NamedTemporaryFile(suffix=".png") as png:
        command = ["avifdec", "--depth", "8", "--png-compress", "0", path, png.name]
        subprocess.run(command, capture_output=True, check=True)
        image = Image.open(io.BytesIO(png.read()))
    image.load()
    rotation, mirror = number(r"irot \(Rotation\)\s*: (\d)", info), number(r"imir \(Mirror\)\s*: (\d)", info)
    for turn in (ROTATIONS.get(rotation), MIRRORS.get(mirror)):
        if turn is not None:
            profile = image.info.get("icc_profile")
            image = image.transpose(turn)
            image.info["icc_profile"] = profile
    image.info.pop("exif", None)
    image.info.pop("gamma", None)
    return image, {"bits": number(r"Bit Depth\s*: (\d+)", info) or 8, "quality": None}


def number(pattern, text):
    match = re.search(pattern, text)
    return None if match is None else int(match[1])


def jpeg_quality(image):
    table = getattr(image, "quantization", {}).get(0)
    if table is None:
        return None
    percent = 100 * sum(table) / LUMA_TABLE_SUM
    return round((200 - percent) / 2 if percent <= 100 else 5000 / percent)


def to_srgb(image):
    """The frame in RGBA, and how its colours became sRGB."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):
        return "unknown" if profile else "srgb", image.convert("I").point(lambda v: v * (1 / 257)).convert("RGBA")
    if not profile:
        return colour_of(image), image.convert("RGBA")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if is_srgb(source):
            return "srgb", image.convert("RGBA")
        if image.mode in ("L", "CMYK"):
            return "converted", ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB").convert("RGBA")
        rgba = image.convert("RGBA")
        rgb = ImageCms.profileToProfile(rgba.convert("RGB"), source, SRGB)
        rgb.putalpha(rgba.getchannel("A"))
        return "converted", rgb
    except (OSError, ImageCms.PyCMSError):
        return "unknown", image.convert("RGBA")


def is_srgb(profile):
    return "sRGB" in ImageCms.getProfileDescription(profile)


def colour_of(image):
    if "srgb" in image.info:
        return "srgb"
    gamma = image.info.get("gamma", SRGB_GAMMA)
    points = image.info.get("chromaticity", SRGB_POINTS)
    is_srgb_like = abs(gamma - SRGB_GAMMA) < 0.001 and all(abs(a - b) < 0.002 for a, b in zip(points, SRGB_POINTS))
    return "srgb" if is_srgb_like and image.mode != "CMYK" else "unknown"


def upright(image, frame):
    orientation = image.getexif().get(0x0112, 1)
    if orientation == 1:
        return frame
    frame.info.clear()
    frame.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(frame)


def scaled(frame, size):
    """Scales the whole frame if only rounding changes its aspect ratio, and otherwise crops its centre."""
    (width, height), (to_width, to_height) = frame.size, size
    is_whole = round(height * to_width / width) == to_height or round(width * to_height / height) == to_width
    if is_whole:
        return frame.resize(size, Image.Resampling.LANCZOS)
    return ImageOps.fit(frame, size, Image.Resampling.LANCZOS)


main()
