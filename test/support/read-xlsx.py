"""Prints the rows of an exported xlsx file as JSON: `python3 read-xlsx.py PATH`. The standard library only."""
import json
import re
import sys
import xml.etree.ElementTree as tree
import zipfile

MAIN = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'


def column_of(reference):
    number = 0
    for letter in re.match('[A-Z]+', reference).group():
        number = number * 26 + ord(letter) - 64
    return number - 1


def unescaped(text):
    """ECMA-376, ST_Xstring: _xHHHH_ stands for a character that XML cannot hold."""
    return re.sub('_x([0-9A-Fa-f]{4})_', lambda found: chr(int(found.group(1), 16)), text)


def sheet_rows(path):
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        for name in package.namelist():
            tree.fromstring(package.read(name))
        with package.open('xl/worksheets/sheet1.xml') as sheet:
            for _, element in tree.iterparse(sheet):
                if element.tag != MAIN + 'row':
                    continue
                cells = []
                for cell in element:
                    at = column_of(cell.get('r'))
                    cells.extend([''] * (at + 1 - len(cells)))
                    kind = cell.get('t')
                    if kind == 'inlineStr':
                        cells[at] = unescaped(cell.find(MAIN + 'is').find(MAIN + 't').text or '')
                    elif kind == 'b':
                        cells[at] = {'1': 'true', '0': 'false'}[cell.find(MAIN + 'v').text]
                    else:
                        cells[at] = cell.find(MAIN + 'v').text
                yield cells
                element.clear()


width = None
result = []
for row in sheet_rows(sys.argv[1]):
    width = width or len(row)
    result.append(row + [''] * (width - len(row)))
json.dump(result, sys.stdout)
